// Every gate shut once, everything else open: the one that is missing is the one that is named.
import { expect, test } from 'vitest'
import type { NetworkFacts } from './facts.ts'
import { gatesOf } from './path.ts'

const ANY = { from: 0, to: 65_535 }
const open: NetworkFacts = {
  port: 5432,
  isPublic: false,
  groups: [
    {
      id: 'sg-db',
      rules: [
        { ports: { from: 5432, to: 5432 }, cidrs: ['10.0.0.0/16'], groupIds: ['sg-web'], prefixLists: [] },
      ],
    },
  ],
  acls: [
    {
      id: 'acl-1',
      rules: [
        { number: 100, egress: false, allow: true, ports: ANY, cidr: '0.0.0.0/0' },
        { number: 100, egress: true, allow: true, ports: ANY, cidr: '0.0.0.0/0' },
      ],
    },
  ],
  tables: [{ id: 'rtb-1', routes: [{ to: '10.0.0.0/16', via: 'local', active: true }] }],
  subnets: [{ id: 'subnet-a', free: 200 }],
  dns: { resolves: true, names: true },
}

const shut = (facts: Partial<NetworkFacts>, client: string | undefined = '10.0.1.7') =>
  gatesOf({ ...open, ...facts }, client)
    .filter(gate => gate.open !== true)
    .map(({ gate }) => gate)

test('a client of the network gets through', () => {
  expect(shut({})).toEqual([])
  expect(shut({}, 'sg-web')).toEqual([])
})

const [group] = open.groups
const [acl] = open.acls

test.each<[string, Partial<NetworkFacts>, string | undefined, string[]]>([
  [
    'no rule for the port',
    { groups: [{ id: 'sg-db', rules: [{ ...group!.rules[0]!, ports: { from: 443, to: 443 } }] }] },
    undefined,
    ['security-group'],
  ],
  ['no rule for the group', {}, 'sg-other', ['security-group']],
  ['no rule for the address', {}, '10.1.0.1', ['security-group', 'route']],
  [
    'a prefix list that nobody looked up',
    { groups: [{ id: 'sg-db', rules: [{ ...group!.rules[0]!, cidrs: [], prefixLists: ['pl-1'] }] }] },
    '10.0.1.7',
    ['security-group'],
  ],
  [
    'an ACL that denies before it allows',
    {
      acls: [
        {
          id: 'acl-1',
          rules: [{ ...acl!.rules[0]!, number: 50, allow: false, cidr: '10.0.1.0/24' }, ...acl!.rules],
        },
      ],
    },
    '10.0.1.7',
    ['network-acl'],
  ],
  [
    'an ACL without a way back',
    {
      acls: [{ id: 'acl-1', rules: [acl!.rules[0]!, { ...acl!.rules[1]!, ports: { from: 443, to: 443 } }] }],
    },
    '10.0.1.7',
    ['network-acl'],
  ],
  [
    'an ACL without rules',
    { acls: [{ id: 'acl-1', rules: [] }] },
    '10.0.1.7',
    ['network-acl', 'network-acl'],
  ],
  [
    'a route whose end is gone',
    { tables: [{ id: 'rtb-1', routes: [{ to: '10.0.0.0/8', via: 'pcx-1', active: false }] }] },
    '10.0.1.7',
    ['route'],
  ],
  ['names that do not resolve', { dns: { resolves: false, names: true } }, '10.0.1.7', ['dns']],
  ['a subnet without addresses', { subnets: [{ id: 'subnet-a', free: 0 }] }, '10.0.1.7', ['subnet']],
  ['a client of the internet', {}, '8.8.8.8', ['security-group', 'public-access', 'route']],
  ['a link-local client', {}, '169.254.1.1', ['security-group', 'client', 'route']],
])('%s', (_, facts, client, gates) => {
  expect(shut(facts, client)).toEqual(gates)
})

test('a public instance takes a public client over an internet gateway, and no other way', () => {
  const groups = [{ id: 'sg-db', rules: [{ ...group!.rules[0]!, cidrs: ['0.0.0.0/0'] }] }]
  const tables = (via: string) => [{ id: 'rtb-1', routes: [{ to: '0.0.0.0/0', via, active: true }] }]
  expect(shut({ isPublic: true, groups, tables: tables('igw-1') }, '8.8.8.8')).toEqual([])
  expect(shut({ isPublic: true, groups, tables: tables('nat-1') }, '8.8.8.8')).toEqual(['route'])
  const dns = { resolves: true, names: false }
  expect(shut({ isPublic: true, groups, tables: tables('igw-1'), dns }, '8.8.8.8')).toEqual(['dns'])
  expect(shut({ dns })).toEqual([])
})
