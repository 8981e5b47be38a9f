// Loss, congestion or delay between the clients and the server: the server waits for its clients.
import type { Rule } from '../rule.ts'
import { contradicts, type Mechanism, needs, shows } from '../signal/mechanism.ts'
import { both, least, missesMore, most, not, type View } from '../signal/view.ts'

const mechanism: Mechanism = {
  title: 'the server has less to do and its clients wait longer: time is lost between them',
  claims: x => [
    needs(x.slower, 'calls fall or take longer', 2),
    shows(
      least(x.falls('calls', 1.5), most(x.falls('cpu_pct', 1.5), x.falls('buffer_reads_per_s', 1.5))),
      'the server does less',
    ),
    shows(quiet(x), 'nothing in it is busier than before: CPU, storage, log', 2),
    needs(writesLess(x), 'nor does it write what it wrote'),
    needs(
      most(x.falls('net_sent_bytes_per_s', 1.5), x.falls('net_received_bytes_per_s', 1.5)),
      'less goes over the network',
    ),
    needs(
      least(not(x.rises('aas', 1.3)), most(x.falls('aas', 1.1), x.rises('aas_client', 2), 0.25)),
      'sessions are less at work, not more',
    ),
    contradicts(x.addedMany, 'more sessions are at work'),
    contradicts(x.cpuFull, 'the CPU is full'),
    contradicts(most(x.rises('lock_wait_ms_per_s', 1.5), x.rises('aas_lock', 2)), 'sessions wait for locks'),
  ],
  raises: ['aas_client', 'lock_waiters', 'connections_idle_in_transaction', 'connections_idle'],
  remedies: [],
}

/** A server whose clients are held up outside has soon written back what they changed; a stall inside goes on writing. */
function writesLess(x: View) {
  const known = (['data_written_bytes_per_s', 'disk_write_bytes_per_s', 'pages_flushed_per_s'] as const).find(
    name => x.before(name),
  )
  return known && x.falls(known)
}

/** Whatever works leaves a trace in one of these; without a look at CPU and storage nobody can say that nothing works. */
const quiet = (x: View) =>
  both(
    least(not(x.rises('cpu_pct', 1.5)), not(x.rises('aas_cpu', 1.5))),
    least(
      ...[not(x.rises('cpu_iowait_pct', 1.5)), not(x.rises('aas_io', 1.5))],
      ...[not(x.rises('disk_write_bytes_per_s', 1.5)), not(x.rises('disk_queue_depth'))],
      not(x.rises('disk_write_latency_ms')),
    ),
    least(quietInside(x), 1),
  )

const quietInside = (x: View) =>
  least(
    not(x.rises('data_written_bytes_per_s', 1.5)),
    not(x.rises('pages_flushed_per_s', 1.5)),
    not(x.rises('buffer_misses_per_s', 1.5)),
    not(missesMore(x)),
    not(x.rises('rows_read_scan_per_s', 1.5)),
    not(x.rises('rows_inserted_per_s', 1.5)),
  )

export const networkDegraded: Rule = { cause: 'network-degraded', mechanism }
