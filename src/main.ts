#!/usr/bin/env node
// The command line's entry. Loads no driver: the app comes when a verb asks for it.
import { run } from './face/cli/index.ts'

const { createRequire } = await import('node:module')
const { version } = createRequire(import.meta.url)('../package.json') as { version: string }

process.exitCode = await run(process.argv, {
  version,
  app: async () => (await import('./app.ts')).createApp(),
})
