import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { resolveNats } from '../../../../deploy/local/servers/resolve-nats.ts'
import type { Engine } from './engine.ts'

/** The names under which the Dockerfile and the compose file know what comes from a registry. */
export interface UpstreamImages {
  runtime: string
  node: string
  nats: string
  redis: string
}

/**
 * Where no registry can be reached: images with the upstream names, of the same kind (Debian 12; Node with npm; the servers with the
 * commands that the compose file gives them), from Debian's packages and what the project runs on anyway. What has the name already is left.
 */
export async function provideStandIns(engine: Engine, names: UpstreamImages): Promise<string[]> {
  const made: string[] = []
  const folder = mkdtempSync(join(tmpdir(), 'murmur-bases-'))
  const provide = async (name: string, containerfile: string, prepare: () => Promise<void> | void) => {
    const { code } = await engine.run(`podman image exists ${name}`, { cwd: folder })
    if (code === 0) return
    await prepare()
    writeFileSync(join(folder, 'Containerfile'), containerfile)
    await engine.must(`docker build --tag ${name} --file Containerfile .`, { cwd: folder, isOnline: true })
    made.push(name)
  }
  try {
    await provide(names.runtime, 'FROM scratch\nADD base.tar /\n', async () => {
      const debian = 'mmdebstrap --quiet --variant=minbase --include=ca-certificates bookworm base.tar'
      await engine.must(debian, { cwd: folder, isOnline: true })
    })
    await provide(
      names.node,
      `FROM ${names.runtime}\nCOPY node /usr/local/bin/node\nCOPY npm /usr/local/lib/node_modules/npm\nRUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm\n`,
      async () => {
        cpSync(realpathSync(process.execPath), join(folder, 'node'))
        const modules = (await engine.must('npm root --global', { cwd: folder })).trim()
        cpSync(join(modules, 'npm'), join(folder, 'npm'), { recursive: true, dereference: true })
      },
    )
    await provide(names.nats, SERVERS.replace('BASE', names.runtime), async () => {
      const nats = await resolveNats(() => undefined, process.env)
      if (nats.kind !== 'binary') throw new Error('a nats-server is needed, not its address')
      mkdirSync(join(folder, 'servers'))
      cpSync(realpathSync(nats.path), join(folder, 'servers/nats-server'))
    })
    if ((await engine.run(`podman image exists ${names.redis}`, { cwd: folder })).code !== 0) {
      await engine.must(`podman tag ${names.nats} ${names.redis}`, { cwd: folder })
      made.push(names.redis)
    }
    return made
  } finally {
    if (existsSync(folder)) rmSync(folder, { recursive: true, force: true })
  }
}

/** Both servers, wget by busybox as in Alpine, and an entry that understands options for nats-server, as upstream's. */
const SERVERS = `FROM BASE
RUN apt-get update && apt-get install --yes --no-install-recommends redis-server busybox-static \\
  && ln -s /bin/busybox /usr/bin/wget && rm -rf /var/lib/apt/lists/*
COPY servers/nats-server /usr/local/bin/nats-server
RUN printf '#!/bin/sh\\nset -e\\ncase "$1" in -*) set -- nats-server "$@";; esac\\nexec "$@"\\n' > /usr/local/bin/docker-entrypoint.sh \\
  && chmod 755 /usr/local/bin/docker-entrypoint.sh
ENTRYPOINT ["docker-entrypoint.sh"]
`
