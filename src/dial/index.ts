// The door: what every way to a server has in common, whatever it speaks once it is there.
export { type Answers, explained, ofTheServer, onTheWay, refusedLogin } from './answer.ts'
export { type Attempt, newAttempt, phase } from './attempt.ts'
export { checkAuthorities } from './authority.ts'
export { tlsChecks } from './checks.ts'
export { type AwsLogin, awsLogin, type Settings } from './choice.ts'
export { DeadlineError, within } from './deadline.ts'
export { withLogin } from './login.ts'
export { integer, unparsable } from './number.ts'
export { firstBytes, PeerError, said } from './peer.ts'
export { reach } from './reach.ts'
export { encrypt, tlsOptions } from './tls.ts'
export {
  isVerifiedByDefault,
  rdsRegion,
  type Trust,
  trustIn,
  type Verification,
} from './trust.ts'
export { parseUri } from './uri.ts'
