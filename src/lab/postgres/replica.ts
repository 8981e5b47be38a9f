// The files of a streaming replica: a copy of the server's, taken while it works, that asks the server for all that follows.
import { execFile } from 'node:child_process'
import { appendFile, chown, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { HOST } from '../loopback.ts'
import type { Cluster } from './cluster.ts'

const BACKUP_MS = 30_000

/** `port`: of the server; `name`: of its folder. It has to let its superuser replicate, and to keep a slot for a sender. */
export const replicaOf = async (
  cluster: Cluster,
  url: string,
  port: number,
  name: string,
): Promise<Cluster> => {
  const { dir, dataDir, owner, password } = cluster
  const copy = join(dir, name)
  const client = new pg.Client({ connectionString: url, ssl: false, query_timeout: BACKUP_MS })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query("select pg_backup_start('replica', true)")
    // A file that went away while it was copied is in the log that follows.
    await promisify(execFile)('cp', ['-a', dataDir, copy]).catch(() => undefined)
    const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)')
    await writeFile(join(copy, 'backup_label'), rows[0]!.labelfile)
    await writeFile(join(copy, 'standby.signal'), '')
    for (const name of ['backup_label', 'standby.signal'])
      if (owner) await chown(join(copy, name), owner.uid, owner.gid)
    await rm(join(copy, 'postmaster.pid'), { force: true })
    const conninfo = `host=${HOST} port=${port} user=postgres password=${password}`
    await appendFile(join(copy, 'postgresql.auto.conf'), `primary_conninfo = '${conninfo}'\n`)
  } finally {
    await client.end()
  }
  return { ...cluster, dataDir: copy, logFile: join(dir, `${name}.log`) }
}
