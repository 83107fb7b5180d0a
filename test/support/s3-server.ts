import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { freePorts } from './free-ports.ts'
import { until } from './until.ts'

const VERSION = 'v1.8.0'
const MODULE = `github.com/versity/versitygw/cmd/versitygw`
const KEYS = { accessKeyId: 'murmur-test', secretAccessKey: 'not-a-secret-of-anybody' }

/** Building it takes a minute and a half of processor time. */
export const NO_S3_SERVER =
  'no S3 server here: `npm run test:long` builds one where Go is, MURMUR_TEST_S3_SERVER names one'

/** The server, built once by the long tests with Go where that is; undefined where there is none. */
export function findS3Server(): string | undefined {
  const given = process.env.MURMUR_TEST_S3_SERVER
  if (given) return existsSync(given) ? given : undefined
  const folder = join(import.meta.dirname, '../../.murmur/test-servers')
  const binary = join(folder, 'versitygw')
  if (existsSync(binary)) return binary
  if (process.env.MURMUR_TEST_LONG === undefined) return undefined
  mkdirSync(folder, { recursive: true })
  const built = spawnSync('go', ['install', `${MODULE}@${VERSION}`], {
    env: { ...process.env, GOBIN: folder },
    timeout: 120_000,
  })
  return built.status === 0 ? binary : undefined
}

/** An S3-compatible object store of the test's own, with an empty bucket `history`. */
export async function startS3(t: Test, binary: string) {
  const [port] = await freePorts(1)
  const folder = t.testdir({ data: { history: {} }, iam: {} })
  const server = spawn(
    binary,
    [
      '--access',
      KEYS.accessKeyId,
      '--secret',
      KEYS.secretAccessKey,
      '--port',
      `127.0.0.1:${port}`,
      '--iam-dir',
      join(folder, 'iam'),
      'posix',
      '--sidecar',
      join(folder, 'iam'),
      join(folder, 'data'),
    ],
    { stdio: 'ignore' },
  )
  t.teardown(() => server.kill())
  const endpoint = `http://127.0.0.1:${port}`
  await until('the object store answers', () =>
    fetch(endpoint).then(
      () => true,
      () => false,
    ),
  )
  return { endpoint, region: 'us-east-1', bucket: 'history', ...KEYS }
}
