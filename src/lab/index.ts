// Real databases, real faults, known truth.
export { type DrillEvent, type DrillOptions, type DrillResult, drill } from './drill.ts'
export { type Lab, startLab } from './lab.ts'
export { resampled } from './resampled.ts'
export { SCENARIOS, scenario } from './scenario/index.ts'
export type { Scenario } from './scenario.ts'
