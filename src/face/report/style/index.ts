// The stylesheet of the report: colours, page, charts.
import { Html } from '../html.ts'
import { CHART_STYLE } from './chart.ts'
import { COLOURS } from './colour.ts'
import { PAGE_STYLE } from './page.ts'

export const STYLE = new Html(COLOURS + PAGE_STYLE + CHART_STYLE)
