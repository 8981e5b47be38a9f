// The fake of CloudWatch Logs: FilterLogEvents over published server logs.
import { type Input, onlyMembers, within } from './members.ts'
import { Refusal } from './refusal.ts'
import type { World } from './world.ts'

const BAD = 'InvalidParameterException'
/** The real page has up to 10,000; here it is short, so that pages are turned. */
const PAGE = 25

export function logs({ groups }: World, operation: string, input: Input): string {
  if (operation !== 'FilterLogEvents') throw new Refusal('UnknownOperationException', operation)
  onlyMembers(
    input,
    [
      ...[
        'logGroupName',
        'logGroupIdentifier',
        'logStreamNames',
        'logStreamNamePrefix',
        'startTime',
        'endTime',
      ],
      ...['filterPattern', 'nextToken', 'limit', 'interleaved', 'unmask'],
    ],
    BAD,
  )
  within(input, 'limit', 1, 10_000, BAD)
  const events = groups[String(input.logGroupName)]
  if (!events) throw new Refusal('ResourceNotFoundException', 'The specified log group does not exist.')
  const [from, to] = [Number(input.startTime), Number(input.endTime)]
  if (from > to) throw new Refusal(BAD, 'startTime is after endTime')
  const prefix = String(input.logStreamNamePrefix ?? '')
  const found = events.filter(({ stream, at }) => stream.startsWith(prefix) && at >= from && at <= to)
  const first = Number(input.nextToken ?? 0)
  const next = first + PAGE
  return JSON.stringify({
    events: found.slice(first, next).map(({ stream, at, message }) => ({
      logStreamName: stream,
      timestamp: at,
      ingestionTime: at,
      message,
      eventId: '0',
    })),
    ...(next < found.length ? { nextToken: String(next) } : {}),
  })
}
