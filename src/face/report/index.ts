// The door: one incident as one self-contained HTML file.
export type { ReportInput } from './input.ts'
export { renderReport } from './page.ts'
