// A server log that RDS publishes to CloudWatch Logs: it outlives the files, and the instance.
import type { LogQuestion } from './logfile.ts'

/** Most that CloudWatch Logs hands out at once; a page ends at a megabyte as well. */
const EVENTS = 10_000

/** Lines in order of time. Throws AppError, `aws-refused` where there is no such group. */
export async function* groupPieces({ account, database, log, window, signal }: LogQuestion) {
  const { FilterLogEventsCommand } = await import('@aws-sdk/client-cloudwatch-logs')
  const { id, cluster } = database
  // The streams of a cluster's log are named after its instances.
  const where = cluster
    ? { logGroupName: `/aws/rds/cluster/${cluster.id}/${log}`, logStreamNamePrefix: id }
    : { logGroupName: `/aws/rds/instance/${id}/${log}` }
  let nextToken: string | undefined
  do {
    const command = new FilterLogEventsCommand({
      ...where,
      startTime: window.from,
      endTime: window.to,
      limit: EVENTS,
      nextToken,
    })
    const answer = await account.call('logs:FilterLogEvents', (logs, o) => logs.send(command, o), signal)
    const lines = (answer.events ?? []).map(({ message = '' }) => message.replace(/\n?$/, '\n'))
    if (lines.length > 0) yield lines.join('')
    nextToken = answer.nextToken
  } while (nextToken)
}
