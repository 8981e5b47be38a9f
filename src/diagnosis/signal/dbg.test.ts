import { test } from 'vitest'
import { FAULTS, modelled, ordinary } from '../../../test/kit/database.ts'
import { T0 } from '../../../test/kit/evidence.ts'
import { SIGNALS } from '../../model/index.ts'
import { RULES } from '../cause/index.ts'
import { diagnose } from '../index.ts'
import { changesOf } from './change.ts'
import { fitOf } from './mechanism.ts'
import { tabulate } from './table.ts'
import { viewOf } from './view.ts'

test('dbg', () => {
  const [fault, scale, causes, show] = process.env.DBG!.split(':')
  const p = {
    ordinary,
    small: { ...ordinary, clients: 12, cores: 2, disks: 1 },
    large: { ...ordinary, clients: 900, cores: 64, disks: 64 },
    saturated: { ...ordinary, clients: 300, think: 10 },
  }[scale!]!
  const e = modelled(p, FAULTS[fault!], [40, 80], { ticks: 120, tickMs: 1000, signals: SIGNALS, seed: 1 })
  const d = diagnose(e, T0)
  const out = [
    `${d.outcome} ${d.incident && (d.incident.from - T0) / 1000}-${d.incident && (d.incident.to - T0) / 1000} ${d.findings.map(f => `${f.cause} ${f.confidence.toFixed(2)}`)}`,
  ]
  const ch = changesOf(
    tabulate(e),
    e.ticks.map((_, i) => i >= 40 && i < 80),
  )
  if (show)
    for (const [k, c] of ch)
      out.push(
        `${k.padEnd(26)} ${c.before.toPrecision(3)} > ${c.during.toPrecision(3)} sure ${c.sure.toFixed(2)}`,
      )
  for (const r of RULES.filter(r => r.mechanism && causes!.split(',').includes(r.cause))) {
    const f = fitOf(r.mechanism!, viewOf(ch), ch)
    out.push(
      `## ${r.cause} ${f.score.toFixed(2)} known ${f.known.toFixed(2)}`,
      ...f.claims.map(
        c => `   ${c.contradicts ? 'CONTRA' : 'need'} ${c.weight} ${c.degree?.toFixed(2)} ${c.text}`,
      ),
    )
  }
  console.log(out.join('\n'))
})
