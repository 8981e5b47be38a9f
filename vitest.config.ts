// Three projects, one after the other: `unit` is pure and takes seconds; `system` starts servers, sockets and processes;
// `cpu` needs the whole machine.
import { defineConfig } from 'vitest/config'

const ON_CPU = 'test/scenario/cpu.test.ts'
// Not part of a full run yet: two of them depend on when a server gives a slot back. `npm run test:mysql`.
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
          exclude: [TIDY, ON_CPU, ...MYSQL],
          // Most of them wait for servers: more of them than processors get along.
          maxWorkers: 3,
          maxConcurrency: 5,
          sequence: { groupOrder: 1 },
          ...timeouts,
        },
      },
      ...(process.env.SPILLWAY_MYSQL === '1'
        ? [
            {
              test: {
                name: 'mysql',
                include: MYSQL,
                maxWorkers: 2,
                sequence: { groupOrder: 3 },
                ...timeouts,
              },
            },
          ]
        : []),
      { test: { name: 'cpu', include: [ON_CPU], maxWorkers: 1, sequence: { groupOrder: 2 }, ...timeouts } },
    ],
  },
})
