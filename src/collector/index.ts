// Time: ticks, deadlines, back-off. Everything else is told what time it is.
export { recorder } from './recorder.ts'
export { watch } from './watch.ts'
