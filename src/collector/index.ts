// Time: ticks, deadlines, back-off. Everything else is told what time it is.
export { type Attendance, attend, type Heard } from './attend.ts'
export { recorder } from './recorder.ts'
export { withTestimony } from './testimony.ts'
export { together } from './together.ts'
export { watch } from './watch.ts'
