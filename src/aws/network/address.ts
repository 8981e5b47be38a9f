// Addresses and blocks of them, of both families.
import { BlockList, isIP } from 'node:net'

export const isAddress = (text: string): boolean => isIP(text) !== 0

/** Whether a block in CIDR notation has the address; a block of the other family never has. */
export function contains(cidr: string | undefined, address: string): boolean {
  const [network = '', length = ''] = cidr?.split('/') ?? []
  const family = isIP(network)
  if (family === 0 || family !== isIP(address)) return false
  const block = new BlockList()
  block.addSubnet(network, Number(length), family === 6 ? 'ipv6' : 'ipv4')
  return block.check(address, family === 6 ? 'ipv6' : 'ipv4')
}

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7', 'fe80::/10']
/** RDS takes no client from here. */
const LINK_LOCAL = '169.254.0.0/16'

export const isPrivate = (address: string): boolean => PRIVATE.some(cidr => contains(cidr, address))

export const isLinkLocal = (address: string): boolean => contains(LINK_LOCAL, address)
