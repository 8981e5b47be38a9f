// Time: ticks, deadlines, back-off. Everything else is told what time it is.
export { type Recorder, recorder } from './recorder.ts'
export { type WatchOptions, watch } from './watch.ts'
