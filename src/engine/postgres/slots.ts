// The ceilings: what max_connections leaves to ordinary clients, and the limits of roles and databases.
import type { Limits } from '../../model/index.ts'

/**
 * Settings that keep slots away from ordinary clients; a server that does not know one answers null.
 * Replication and background workers have slots of their own since 12 and take none of these.
 */
const RESERVING = [
  'superuser_reserved_connections',
  'reserved_connections',
  'rds.rds_superuser_reserved_connections',
]

/** A JSON object of settings, cheap enough for every sample: reads no catalog. */
export const LIMITS_SQL = `json_build_object('max_connections', current_setting('max_connections')${RESERVING.map(
  name => `, '${name}', current_setting('${name}', true)`,
).join('')})`

/** The limits that somebody set and that bind (superusers are exempt), as `{name: limit}`; databases as `database:<name>`. Reads catalogs. */
export const ROLE_LIMITS_SQL = `
select coalesce(json_object_agg(name, least), '{}') as limits from (
  select rolname::text as name, rolconnlimit as least from pg_roles where rolconnlimit >= 0 and not rolsuper
  union all
  select 'database:' || datname, datconnlimit from pg_database where datconnlimit >= 0
) as ceilings`

export const limitsOf = (
  settings: Record<string, string | null>,
  roleLimits: Record<string, number>,
): Limits => {
  const reserved: Record<string, number> = {}
  for (const name of RESERVING) {
    const slots = Number(settings[name] ?? 0)
    if (slots > 0) reserved[name] = slots
  }
  const limits: Limits = { maxConnections: Number(settings.max_connections), reserved }
  if (Object.keys(roleLimits).length > 0) limits.roleLimits = roleLimits
  return limits
}
