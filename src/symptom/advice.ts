// Layer → what a symptom of it leaves open, and where to look next.
import type { EngineName } from '../model/index.ts'
import type { Layer } from './symptom.ts'

/** `sql` runs on the database, `pooler` on PgBouncer's admin console, `shell` in a shell; capitals are yours to fill in. */
export interface NextStep {
  by: 'spillway' | 'sql' | 'pooler' | 'shell'
  text: string
}

export interface Advice {
  /** What it does not prove. */
  open: string
  next: readonly NextStep[]
  /** Besides, on one engine. */
  nextOn?: Partial<Record<EngineName, readonly NextStep[]>>
}

const spillway = (text: string): NextStep => ({ by: 'spillway', text: `spillway ${text}` })
const sql = (text: string): NextStep => ({ by: 'sql', text })
const pooler = (text: string): NextStep => ({ by: 'pooler', text })
const shell = (text: string): NextStep => ({ by: 'shell', text })

/** MariaDB forked from MySQL: most of what is asked is the same. */
const onBoth = (...steps: NextStep[]): Partial<Record<EngineName, readonly NextStep[]>> => ({
  mysql: steps,
  mariadb: steps,
})

const RDS_EVENTS = shell(
  'aws rds describe-events --source-type db-instance --source-identifier NAME --duration 60',
)
const PROXY_TARGETS = shell('aws rds describe-db-proxy-targets --db-proxy-name NAME')
const SHOW_POOLS = pooler('SHOW POOLS')

export const ADVICE: Record<Layer, Advice> = {
  dns: {
    open: 'anything about the server: it was never asked',
    next: [
      shell('getent ahosts HOST'),
      shell('aws rds describe-db-instances --query "DBInstances[].Endpoint"'),
    ],
  },
  tcp: {
    open: 'that the server is down: it may run behind a closed way; nor that TLS, credentials or slots would do',
    next: [
      spillway('probe TARGET --count 10'),
      shell('aws ec2 describe-security-groups --group-ids ID'),
      RDS_EVENTS,
    ],
  },
  'tcp-or-handshake': {
    open: 'how far it came: a dropped packet and a server too slow to greet look the same',
    next: [spillway('probe TARGET --count 10'), spillway('diagnose TARGET')],
  },
  'tcp-after-connect': {
    open: 'who reset it (the server, a proxy, a box in between), nor whether the statement was carried out',
    next: [spillway('probe TARGET'), RDS_EVENTS],
    nextOn: {
      postgres: [sql('select pg_postmaster_start_time()')],
      ...onBoth(sql("show global status like 'Uptime'"), sql("show global variables like '%timeout'")),
    },
  },
  handshake: {
    open: 'whether the server or something before it keeps silent; nor that credentials or slots would do',
    next: [spillway('probe TARGET --count 10')],
    nextOn: onBoth(
      sql("show global status like 'Connection_errors%'"),
      sql("show global status like 'Aborted_connects'"),
      sql("show global variables like 'back_log'"),
    ),
  },
  tls: {
    open: 'that credentials or slots would do: nobody has come to them yet',
    next: [spillway('probe TARGET')],
    nextOn: {
      postgres: [shell('openssl s_client -starttls postgres -showcerts -connect HOST:PORT')],
      ...onBoth(shell('openssl s_client -starttls mysql -showcerts -connect HOST:PORT')),
    },
  },
  'tls-policy': {
    open: 'that credentials or slots would do once TLS is used',
    next: [],
    nextOn: {
      postgres: [
        spillway('probe "postgres://USER@HOST/DATABASE?sslmode=require"'),
        sql("select name, setting from pg_settings where name in ('ssl', 'rds.force_ssl')"),
      ],
      ...onBoth(sql("show global variables like 'require_secure_transport'")),
    },
  },
  auth: {
    open: 'that a slot is free: most limits are looked at after authentication',
    next: [spillway('probe TARGET')],
    nextOn: {
      postgres: [
        sql('select rolname, rolcanlogin, rolvaliduntil from pg_roles order by 1'),
        sql('select line_number, type, database, user_name, address, auth_method from pg_hba_file_rules'),
      ],
      ...onBoth(sql('select user, host, plugin from mysql.user order by 1, 2')),
    },
  },
  'host-blocked': {
    open: 'that this client made the errors: every client behind the same address counts',
    next: [],
    nextOn: onBoth(
      sql(
        'select ip, host, sum_connect_errors, count_host_blocked_errors from performance_schema.host_cache',
      ),
      sql("show global variables like 'max_connect_errors'"),
    ),
  },
  slots: {
    open: 'who holds the slots, nor why: more of them may only move the ceiling',
    next: [spillway('slots TARGET'), spillway('diagnose TARGET')],
    nextOn: {
      postgres: [
        sql(
          "select usename, application_name, state, count(*) from pg_stat_activity where backend_type = 'client backend' group by 1, 2, 3 order by 4 desc",
        ),
      ],
      ...onBoth(
        sql(
          'select user, command, count(*) from information_schema.processlist group by 1, 2 order by 3 desc',
        ),
        sql("show global status like 'Max_used_connections%'"),
      ),
    },
  },
  'limit-role': {
    open: 'that the server is full: other roles may have room',
    next: [spillway('slots TARGET')],
    nextOn: { postgres: [sql('select rolname, rolconnlimit from pg_roles where rolconnlimit >= 0')] },
  },
  'limit-db': {
    open: 'that the server is full: other databases may have room',
    next: [spillway('slots TARGET')],
    nextOn: { postgres: [sql('select datname, datconnlimit from pg_database where datconnlimit >= 0')] },
  },
  'limit-user': {
    open: 'that the server is full: other accounts may have room',
    next: [spillway('slots TARGET')],
    nextOn: onBoth(
      sql('select user, host, max_user_connections from mysql.user where max_user_connections > 0'),
      sql("show global variables like 'max_user_connections'"),
    ),
  },
  memory: {
    open: 'what took the memory: sessions, work_mem and caches all do',
    next: [spillway('slots TARGET'), RDS_EVENTS],
  },
  storage: {
    open: 'what took the space: tables, temporary files, logs and retained WAL all do',
    next: [RDS_EVENTS],
    nextOn: {
      postgres: [sql('select datname, pg_database_size(oid) from pg_database order by 2 desc')],
    },
  },
  'server-state': {
    open: 'why it starts or stops, nor how long it will take',
    next: [spillway('probe TARGET --count 60'), RDS_EVENTS],
  },
  'session-ended': {
    open: 'that new connections fail; nor whether the last statement was carried out',
    next: [spillway('probe TARGET'), RDS_EVENTS],
    nextOn: {
      postgres: [
        sql('select pg_postmaster_start_time()'),
        sql("select name, setting, unit from pg_settings where name like '%timeout'"),
      ],
      ...onBoth(sql("show global status like 'Uptime'"), sql("show global variables like '%timeout'")),
    },
  },
  statement: {
    open: 'anything against connecting: the session lives on',
    next: [spillway('blocking TARGET'), spillway('diagnose TARGET')],
  },
  'proxy-pool': {
    open: 'that the database is full: the proxy has a limit of its own, MaxConnectionsPercent',
    next: [PROXY_TARGETS, spillway('slots TARGET'), spillway('diagnose TARGET')],
  },
  'proxy-limit': {
    open: 'anything about max_connections of the database, in spite of the code',
    next: [PROXY_TARGETS, spillway('slots TARGET')],
  },
  'proxy-target': {
    open: 'that the database refuses others: only the proxy was refused',
    next: [PROXY_TARGETS, spillway('probe TARGET')],
  },
  proxy: { open: 'anything about the database but what the inner text says', next: [PROXY_TARGETS] },
  'pooler-limit': {
    open: 'anything about the slots of the database',
    next: [SHOW_POOLS, pooler('SHOW CONFIG'), spillway('slots TARGET')],
  },
  'pooler-pool': {
    open: 'whether the server connections are busy or the server is down',
    next: [SHOW_POOLS, pooler('SHOW SERVERS'), spillway('diagnose TARGET')],
  },
  'pooler-server': {
    open: 'whether the server refuses, is down or is slow',
    next: [spillway('probe TARGET'), SHOW_POOLS, pooler('SHOW DATABASES')],
  },
  'pooler-config': {
    open: 'anything about the server behind the pooler',
    next: [pooler('SHOW DATABASES'), pooler('SHOW CONFIG')],
  },
  'app-pool': {
    open: 'that the server refused anybody: it may be idle',
    next: [spillway('slots TARGET'), spillway('diagnose TARGET')],
  },
  'local-socket': {
    open: 'anything about the server: the client looked for it on its own machine',
    next: [spillway('probe TARGET')],
  },
}
