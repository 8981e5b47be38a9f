// Which members of an archive are the bundle's files. Refuses every name and type that an honest writer does not make.
import { type FileName, isFileName, MAX_FILE_BYTES, MAX_MEMBERS } from './files.ts'
import { hostile, quote } from './refusal.ts'

/** What the header of an archive's member says. */
interface MemberHeader {
  /** As it stands in the archive. */
  name: string
  /** In the words of the tar package. */
  type: string
  bytes: number
}

/**
 * Tells for each member in turn which of the bundle's files it is; undefined for a folder and for a file that is not
 * known, which is nothing to worry about. Throws `bundle-hostile`.
 */
export function memberGate(): (member: MemberHeader) => FileName | undefined {
  const names = new Set<string>()
  const tops = new Set<string>()
  let members = 0
  return member => {
    if (++members > MAX_MEMBERS) throw hostile('The archive', `has more than ${MAX_MEMBERS} members`)
    refuseMember(member)
    const steps = member.name.split('/').filter(step => step !== '' && step !== '.')
    const name = steps.join('/')
    if (names.has(name)) throw refuse(member.name, 'stands twice')
    names.add(name)
    const file = member.type !== 'Directory' && steps.length <= 2 ? fileOf(steps.at(-1)) : undefined
    const top = steps.length > 1 || member.type === 'Directory' ? steps[0] : file && ''
    if (top !== undefined) tops.add(top)
    if (tops.size > 1) throw refuse(member.name, 'stands in another top folder than those before it')
    return file
  }
}

const refuse = (name: string, problem: string) => hostile(`The archive's member ${quote(name)}`, problem)

const PLAIN_TYPES = ['File', 'OldFile', 'ContiguousFile', 'Directory']

function refuseMember({ name, type, bytes }: MemberHeader): void {
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name)) throw refuse(name, 'has control characters in its name')
  if (name.startsWith('/')) throw refuse(name, 'has an absolute path')
  if (name.includes('\\') || /^[a-z]:/i.test(name)) throw refuse(name, 'has a path of another system')
  if (name.split('/').includes('..')) throw refuse(name, 'leads out of its folder')
  if (!PLAIN_TYPES.includes(type)) throw refuse(name, `is neither a file nor a folder (${type})`)
  if (bytes > MAX_FILE_BYTES) throw refuse(name, `has more than ${MAX_FILE_BYTES} bytes`)
}

const fileOf = (name = ''): FileName | undefined => (isFileName(name) ? name : undefined)
