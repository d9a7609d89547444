import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Host } from '../src/binaries/host.ts'
import { resolveBinary } from '../src/index.ts'

// Stand-ins for system commands; they see only what the test put on their PATH.
const redis = (version: string) => `echo "Redis server v=${version}"`
const fakeDpkg = `mkdir -p "$3/usr/bin" && cp "$2" "$3/usr/bin/redis-server"`
const fakeApt = (listsAreThere: string) => `
case "$*" in
  *update*) exit 0 ;;
  *download*) printf '#!/bin/sh\\n${redis('7.0.1')}\\n' > a.deb; chmod +x a.deb ;;
  *-s*) ${listsAreThere} || { echo "E: Unable to locate package" >&2; exit 100; }
    echo "Inst redis-server (5:7.0)"; echo "Conf redis-server (5:7.0)" ;;
  *) echo "E: not asked for" >&2; exit 1 ;;
esac`

describe('the search for a server program', () => {
  let dir: string
  let host: Host
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'locks-binaries-'))
    host = {
      env: { PATH: join(dir, 'bin') },
      extraDirs: [],
      cacheDir: join(dir, 'cache'),
      root: false,
      servicePolicyFile: join(dir, 'policy-rc.d'),
    }
  })
  afterEach(() => rm(dir, { recursive: true }))

  async function script(file: string, body: string): Promise<string> {
    const path = join(dir, file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, `#!/bin/sh\nPATH=/usr/bin:/bin\n${body}\n`)
    await chmod(path, 0o755)
    return path
  }

  test('ends at the explicit variable', async () => {
    await script('bin/redis-server', redis('1.1.1'))
    const command = await script('elsewhere/my-redis', redis('2.2.2'))
    const env = { ...host.env, LOCKS_REDIS_SERVER: command }
    expect(await resolveBinary('redis-server', { ...host, env })).toEqual({
      name: 'redis-server',
      command,
      env: {},
      version: '2.2.2',
      origin: 'LOCKS_REDIS_SERVER',
    })
  })

  test.each(['/no/such/program', '/bin/sh'])(
    'never goes past a wrong variable: %s',
    async (file) => {
      await script('bin/memcached', 'echo memcached 1.6.1')
      const env = { ...host.env, LOCKS_MEMCACHED: file }
      const found = resolveBinary('memcached', { ...host, env })
      await expect(found).rejects.toThrow(`LOCKS_MEMCACHED=${file} cannot be used`)
    },
  )

  test('takes PATH, then the further folders, and Valkey for Redis', async () => {
    const valkey = await script('sbin/valkey-server', 'echo "Valkey server v=8.0.1"')
    const further = { ...host, extraDirs: [join(dir, 'sbin')] }
    expect((await resolveBinary('redis-server', further)).command).toBe(valkey)
    const command = await script('bin/redis-server', redis('7.2.4'))
    expect(await resolveBinary('redis-server', further)).toMatchObject({ command, origin: 'PATH' })
  })

  test('takes the cache, with its libraries, past a program that does not run', async () => {
    await script('bin/redis-server', 'echo "libmissing.so: cannot open" >&2; exit 127')
    const command = await script(
      'cache/redis-server-1/usr/bin/redis-server',
      `[ "$LD_LIBRARY_PATH" ] && ${redis('7.0.15')}`,
    )
    const lib = join(dir, 'cache/redis-server-1/usr/lib')
    await mkdir(join(lib, 'x86_64-linux-gnu'), { recursive: true })
    const found = await resolveBinary('redis-server', host)
    expect(found).toMatchObject({ command, origin: 'project cache' })
    expect(found.env.LD_LIBRARY_PATH).toContain(join(lib, 'x86_64-linux-gnu'))
  })

  test('downloads and unpacks the package without root', async () => {
    await script('bin/apt-get', fakeApt('true'))
    await script('bin/dpkg-deb', fakeDpkg)
    const downloaded = await resolveBinary('redis-server', host)
    expect(downloaded).toMatchObject({ version: '7.0.1', origin: 'downloaded package' })
    const cached = { ...downloaded, origin: 'project cache' }
    expect(await resolveBinary('redis-server', host)).toEqual(cached)
    expect(await readdir(host.cacheDir)).toEqual([expect.stringMatching(/^redis-server-/)])
  })

  test('fetches package lists into its own folder when the machine has none', async () => {
    await script('bin/apt-get', fakeApt('case "$*" in *Dir::State::lists=*) ;; *) false ;; esac'))
    await script('bin/dpkg-deb', fakeDpkg)
    const found = await resolveBinary('redis-server', host)
    expect(found.origin).toBe('downloaded package')
    expect(await readdir(host.cacheDir)).toEqual([expect.stringMatching(/^redis-server-/)])
  })

  test('may run in several processes at once, past a broken cache', async () => {
    await script('bin/apt-get', fakeApt('true'))
    await script('bin/dpkg-deb', fakeDpkg)
    await script('cache/redis-server-1/usr/bin/redis-server', 'exit 1')
    const searches = Array.from({ length: 4 }, () => resolveBinary('redis-server', host))
    for (const { version } of await Promise.all(searches)) expect(version).toBe('7.0.1')
    for (const entry of await readdir(host.cacheDir)) expect(entry).toMatch(/^redis-server-/)
  })

  test('installs the package as root, with services forbidden meanwhile', async () => {
    const policy = host.servicePolicyFile
    const installs = `cat ${policy} > ${dir}/seen; cp ${dir}/prepared ${dir}/bin/redis-server`
    const apt = `case "$*" in *update*) ;; "install -y "*) ${installs} ;; *) exit 1 ;; esac`
    await script('prepared', redis('7.0.2'))
    await script('bin/apt-get', apt)
    const found = await resolveBinary('redis-server', { ...host, root: true })
    expect(found).toMatchObject({ version: '7.0.2', origin: 'installed package' })
    expect(await readFile(join(dir, 'seen'), 'utf8')).toContain('exit 101')
    await expect(readFile(policy)).rejects.toThrow('ENOENT')
  })

  test('leaves a policy of the machine alone', async () => {
    await script('policy-rc.d', 'exit 0')
    await script('bin/apt-get', 'exit 1')
    await expect(resolveBinary('redis-server', { ...host, root: true })).rejects.toThrow()
    expect(await readFile(host.servicePolicyFile, 'utf8')).toContain('exit 0')
  })

  test('that finds nothing names every step, its reason, and one command that helps', async () => {
    const error = await resolveBinary('redis-server', host).catch((reason: Error) => reason)
    expect((error as Error).message.split('\n')).toEqual([
      'redis-server is needed and was not found.',
      '  - LOCKS_REDIS_SERVER: not set',
      '  - PATH: no redis-server or valkey-server there',
      `  - project cache: no redis-server in ${host.cacheDir}`,
      expect.stringContaining('  - package download: apt-get is not on PATH'),
      '  - package install: needs root',
      expect.stringMatching(/^To fix it: \S+/),
    ])
  })

  test('gives the last complaint of a command that failed', async () => {
    await script('bin/apt-get', 'echo "E: No space left" >&2; echo "hint" >&2; exit 100')
    const found = resolveBinary('memcached', { ...host, root: true })
    await expect(found).rejects.toThrow(
      /package download: apt-get failed: E: No space left; .*\n.*install: apt-get failed: E: No/,
    )
  })
})
