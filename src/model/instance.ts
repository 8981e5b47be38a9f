// What the cloud says of an instance, and what it offers instead: facts that a plan is weighed with.

/** An RDS instance. What AWS leaves out stays out. */
export interface Instance {
  id: string
  /** Unlike the identifier never given to another one: `db-ABC…`. */
  resourceId?: string
  region?: string
  /** As AWS writes it: `postgres`, `aurora-mysql`. */
  product: string
  multiAz: boolean
  storage: { gib: number; type: string; iops?: number; mibPerS?: number; maxGib?: number }
  parameterGroup?: string
  cluster?: { id: string; readers: number }
  replicaOf?: string
  /** Names of those that replicate it, or of the other members of its cluster. */
  replicas?: string[]
  /** Changes that wait, and would be done with the next one. */
  pending: Record<string, string>
}

/** A class that could be had instead. */
export interface ClassOffer {
  name: string
  vcpus: number
  memoryBytes: number
  /** What max_connections comes to where nobody sets it; a few percent off where it is worked out from memory. */
  maxConnections?: number
  /** US dollars an hour, on demand, one zone; absent: no source. */
  usdPerHour?: number
  /** I/O operations and MB a second that it can do for ever. */
  ebs?: { iops: number; mbPerS: number }
  /** Of a burstable class: percent of its vCPUs that it can use for ever. */
  baselineCpuPct?: number
}

/** What there is to buy where the instance is. Prices in US dollars. */
export interface Market {
  region: string
  /** Days of the prices. */
  asOf: { classes: string; storage: string; proxy: string }
  /** Smallest first. */
  classes: ClassOffer[]
  /** A GiB of storage a month by its type, and what goes beyond what is included. */
  storage: Partial<
    Record<string, { usdPerGibMonth: number; usdPerIopsMonth?: number; usdPerMibPerSMonth?: number }>
  >
  proxyUsdPerVcpuHour?: number
}
