// Real databases, real faults, known truth.
export { type DrillEvent, type DrillOptions, type DrillResult, drill } from './drill.ts'
export { type Lab, startLab } from './lab.ts'
export { laboratory } from './laboratory.ts'
export { resampled } from './resampled.ts'
export { SCENARIOS, scenario } from './scenario/index.ts'
export type { Scenario } from './scenario.ts'
export type { TrialScore } from './score/trial.ts'
export type { Recording, TrialName } from './trial.ts'
