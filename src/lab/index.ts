// Real databases, real faults, known truth.
export { type DrillEvent, type DrillOptions, type DrillResult, type DrillStage, drill } from './drill.ts'
export type { Injection } from './fault.ts'
export { type Lab, type LabOptions, startLab } from './lab.ts'
export { SCENARIOS, scenario } from './scenario/index.ts'
export type { FaultStep, Scenario, Truth } from './scenario.ts'
export type { PoolState, ServiceTraffic } from './traffic.ts'
