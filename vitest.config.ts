// Four projects: `unit` is pure and takes seconds; `system` and `mysql` start servers, sockets and processes, side by side;
// `cpu` needs the whole machine and comes last.
import { defineConfig } from 'vitest/config'

const ON_CPU = ['cpu', 'scale', 'trial'].map(name => `test/scenario/${name}.test.ts`)
const MYSQL = ['test/live/*mysql*.test.ts', 'test/net/mysql.test.ts']
const TIDY = 'test/tidy.test.ts'
const timeouts = { testTimeout: 60_000, hookTimeout: 60_000 }

export default defineConfig({
  test: {
    reporters: ['default', './test/kit/reporter.ts'],
    projects: [
      { test: { name: 'unit', include: ['src/**/*.test.ts', TIDY] } },
      {
        test: {
          name: 'system',
          include: ['test/**/*.test.ts'],
          exclude: [TIDY, ...ON_CPU, ...MYSQL],
          // Most of them wait for servers: more of them than processors get along.
          maxWorkers: 3,
          maxConcurrency: 5,
          sequence: { groupOrder: 1 },
          ...timeouts,
        },
      },
      {
        test: {
          name: 'mysql',
          include: MYSQL,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
          ...timeouts,
        },
      },
      { test: { name: 'cpu', include: ON_CPU, maxWorkers: 1, sequence: { groupOrder: 2 }, ...timeouts } },
    ],
  },
})
