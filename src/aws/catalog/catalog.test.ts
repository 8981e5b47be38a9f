// The catalogue against figures of AWS's own pages and against itself.
import { expect, test } from 'vitest'
import { shapeOf } from './index.ts'
import { auroraMysqlConnections } from './max-connections.ts'
import { memoryForDatabase } from './memory.ts'
import { volumeLimits } from './volume.ts'

const GIB = 1024 ** 3
const shape = (instanceClass: string) => shapeOf({ instanceClass })

test('a class has its vCPUs, memory and allowances', () => {
  expect(shape('db.r6g.xlarge')).toEqual({
    vcpus: 4,
    memoryBytes: 32 * GIB,
    networkGbps: { baseline: 1.25, peak: 10 },
    ebs: { mbPerS: { baseline: 148.5, peak: 593.75 }, iops: { baseline: 6000, peak: 20000 } },
  })
  expect(shape('db.t4g.medium')?.baselineCpuPct).toBe(20)
  expect(shape('db.t3.2xlarge')?.baselineCpuPct).toBe(40)
  expect(shape('db.nope.huge')).toBeUndefined()
})

test('Serverless v2 has the memory of its greatest capacity', () => {
  const cluster = { id: 'c', isWriter: true, members: [], serverless: { minAcu: 0.5, maxAcu: 16 } }
  expect(shapeOf({ instanceClass: 'db.serverless', cluster })?.memoryBytes).toBe(32 * GIB)
  expect(auroraMysqlConnections({ instanceClass: 'db.serverless', cluster })).toBe(2000)
})

test.each([
  [2, 189],
  [8, 823],
  [16, 1669],
  [32, 3360],
])('%i GiB of Serverless v2 come to %i connections of PostgreSQL, as AWS documents', (gib, connections) => {
  expect(Math.trunc(memoryForDatabase(gib * GIB) / 9531392)).toBeGreaterThanOrEqual(connections - 2)
  expect(Math.trunc(memoryForDatabase(gib * GIB) / 9531392)).toBeLessThanOrEqual(connections + 2)
})

test('Aurora MySQL goes in steps', () => {
  expect(auroraMysqlConnections({ instanceClass: 'db.r6g.large' })).toBe(1000)
  expect(auroraMysqlConnections({ instanceClass: 'db.t4g.medium' })).toBe(90)
  expect(auroraMysqlConnections({ instanceClass: 'db.m5.large' })).toBeUndefined()
})

test.each([
  [{ type: 'gp3', gib: 100 }, 3000, 3000, 125],
  [{ type: 'gp3', gib: 500, iops: 16000, mibPerS: 800 }, 16000, 16000, 800],
  [{ type: 'gp2', gib: 20 }, 100, 3000, 128],
  [{ type: 'gp2', gib: 1000 }, 3000, 12000, 1000],
  [{ type: 'gp2', gib: 5000 }, 15000, 15000, 1000],
  [{ type: 'io2', gib: 500, iops: 10000 }, 10000, 10000, 2560],
])('%o', (storage, baseline, peak, mibPerS) => {
  expect(volumeLimits({ product: 'postgres', storage })).toEqual({ iops: { baseline, peak }, mibPerS })
})

test('Aurora has no volume of a size', () => {
  expect(volumeLimits({ product: 'aurora-mysql', storage: { type: 'aurora', gib: 1 } })).toBeUndefined()
})
