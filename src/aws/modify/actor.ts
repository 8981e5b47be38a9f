// Does the operations of a plan by the APIs of RDS and EC2, each kind in its own way. Calls are made with members that are
// known: the SDK drops the others without a word.
import type { Actor, RdsCall, RdsOperation } from '../../model/index.ts'
import type { Account } from '../account/index.ts'
import type { Doing } from './act/doing.ts'
import { createGroup, setParameters } from './act/group.ts'
import { ingress } from './act/ingress.ts'
import { modifyCluster, modifyInstance, restart } from './act/instance.ts'
import { createProxy, proxyPool, proxyTarget } from './act/proxy.ts'
import { createReplica } from './act/replica.ts'
import { snapshot } from './act/snapshot.ts'

export const rdsActor = (account: Account): Actor<RdsOperation> => ({
  look: (operation, signal) => doingOf(operation).look(account, operation, signal),
  send: (operation, signal) => doingOf(operation).send(account, operation, signal),
  waitsFor: (operation, signal) => doingOf(operation).waitsFor(account, operation, signal),
  tells: async (operation, signal) => doingOf(operation).tells?.(account, operation, signal),
})

const DOING: { [K in RdsCall['kind']]: Doing<K> } = {
  snapshot,
  'create-parameter-group': createGroup,
  'set-parameters': setParameters,
  'modify-instance': modifyInstance,
  'modify-cluster': modifyCluster,
  restart,
  ingress,
  'create-replica': createReplica,
  'create-proxy': createProxy,
  'proxy-pool': proxyPool,
  'proxy-target': proxyTarget,
}

/** That the operation is of the kind of its own call goes without saying, but not to the compiler. */
const doingOf = ({ call }: RdsOperation) => DOING[call.kind] as Doing<RdsCall['kind']>
