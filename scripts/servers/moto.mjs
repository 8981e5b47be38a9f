// Unpacks moto, an implementation of the AWS APIs by others, and botocore out of Debian's packages into
// .spillway/servers/moto/, beside whatever is installed. Idempotent; needs apt-get and some seconds.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../.spillway/servers/', import.meta.url))
const tree = `${root}moto`

/** moto comes with trixie; what it stands on is as old as the python of bookworm. */
const PACKAGES = {
  bookworm: [
    ...['flask', 'flask-cors', 'werkzeug', 'jinja2', 'markupsafe', 'itsdangerous', 'click', 'colorama'],
    ...['requests', 'urllib3', 'idna', 'certifi', 'chardet', 'charset-normalizer', 'responses', 'toml'],
    ...['xmltodict', 'cryptography', 'cffi-backend', 'dateutil', 'six', 'jmespath', 's3transfer', 'yaml'],
  ],
  trixie: ['moto', 'botocore', 'boto3'],
}
const KEY = '/usr/share/keyrings/debian-archive-keyring.gpg'

const main = () => {
  if (existsSync(`${tree}/usr/lib/python3/dist-packages/moto`)) return
  const site = archive()
  if (site === undefined) {
    console.error('moto: needs apt-get and Debian bookworm; its tests will be skipped')
    return
  }
  const half = `${tree}.new`
  rmSync(half, { recursive: true, force: true })
  for (const [suite, names] of Object.entries(PACKAGES)) {
    console.log(`${names.length} packages of Debian ${suite}`)
    download(
      site,
      suite,
      names.map(name => `python3-${name}`),
      half,
    )
  }
  rmSync(`${half}/apt`, { recursive: true })
  rmSync(tree, { recursive: true, force: true })
  renameSync(half, tree)
}

/** Where this machine gets its own packages from. */
const archive = () => {
  try {
    const lines = execFileSync('apt-get', ['indextargets', '--format', '$(SITE) $(CODENAME)'], {
      encoding: 'utf8',
    })
    return /^(\S+\/debian\/?) bookworm/m.exec(lines)?.[1]
  } catch {
    return undefined
  }
}

/** With lists and a cache of its own: the machine's are not touched. */
const download = (site, suite, names, half) => {
  const folder = `${half}/apt/${suite}`
  const debs = `${folder}/debs`
  for (const path of ['state/lists/partial', 'cache/archives/partial', 'debs']) {
    mkdirSync(`${folder}/${path}`, { recursive: true })
  }
  writeFileSync(`${folder}/sources.list`, `deb [signed-by=${KEY}] ${site} ${suite} main\n`)
  const options = [
    ...[`Dir::Etc::sourcelist=${folder}/sources.list`, 'Dir::Etc::sourceparts=-'],
    ...[`Dir::State=${folder}/state`, `Dir::Cache=${folder}/cache`],
    ...['Dir::State::status=/var/lib/dpkg/status', 'APT::Sandbox::User=root'],
  ].flatMap(option => ['-o', option])
  const apt = (...args) =>
    execFileSync('apt-get', [...options, '-qq', ...args], {
      cwd: debs,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  apt('update')
  apt('download', ...names)
  for (const deb of readdirSync(debs)) execFileSync('dpkg', ['-x', `${debs}/${deb}`, half])
}

main()
