import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePorts } from '../../../support/free-ports.ts'
import { until } from '../../../support/until.ts'
import { type Api, createApi } from './api.ts'
import { ETCD, findProgram } from './programs.ts'

const execFileAsync = promisify(execFile)
const TOKEN = 'control-plane-of-a-test'

export interface ControlPlane {
  readonly url: string
  /** Where programs find the API server, and as whom. */
  readonly kubeconfig: string
  readonly api: Api
  /** @throws with what kubectl said when it fails */
  kubectl(args: readonly string[], input?: string): Promise<string>
  stop(): Promise<void>
}

/** etcd, API server, controllers, scheduler and kwok on loopback, with a private folder for all that they keep. */
export async function startControlPlane(folder: string, kubectl: string): Promise<ControlPlane> {
  const at = (name: string) => join(folder, name)
  const [etcdPort, peerPort, apiPort] = (await freePorts(3)) as [number, number, number]
  makeKeys(folder)
  writeFileSync(at('tokens.csv'), `${TOKEN},admin,admin,"system:masters"\n`)
  const url = `https://127.0.0.1:${apiPort}`
  writeFileSync(at('kubeconfig'), kubeconfig(url))
  const processes: { name: string; stop(): Promise<void> }[] = []
  const start = (name: string, args: string[]) => processes.push(startProgram(name, args, at(`${name}.log`)))
  const run = async (args: readonly string[], input?: string) => {
    const running = execFileAsync(kubectl, ['--kubeconfig', at('kubeconfig'), ...args], {
      maxBuffer: 64 * 1024 * 1024,
    })
    running.child.stdin?.end(input ?? '')
    return (await running).stdout
  }
  const etcd = `http://127.0.0.1:${etcdPort}`
  const peer = `http://127.0.0.1:${peerPort}`
  start(ETCD, [
    ...['--data-dir', at('etcd'), '--unsafe-no-fsync', '--log-level', 'error'],
    ...['--listen-client-urls', etcd, '--advertise-client-urls', etcd],
    ...[
      '--listen-peer-urls',
      peer,
      '--initial-advertise-peer-urls',
      peer,
      '--initial-cluster',
      `default=${peer}`,
    ],
  ])
  start('kube-apiserver', [
    `--etcd-servers=${etcd}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${apiPort}`,
    `--cert-dir=${at('certificates')}`,
    '--endpoint-reconciler-type=none',
    '--service-cluster-ip-range=10.96.0.0/16',
    `--token-auth-file=${at('tokens.csv')}`,
    '--authorization-mode=RBAC',
    // So that Pod Security is what refuses them, namespace by namespace.
    '--allow-privileged=true',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${at('accounts.key')}`,
    `--service-account-signing-key-file=${at('accounts.key')}`,
    `--requestheader-client-ca-file=${at('proxy.crt')}`,
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${at('proxy.crt')}`,
    `--proxy-client-key-file=${at('proxy.key')}`,
  ])
  const answers = (path: string) =>
    run(['get', '--raw', path]).then(
      () => true,
      () => false,
    )
  const api = createApi(url, TOKEN)
  const stop = async () => {
    api.close()
    // The last that was started is the first to go; etcd outlives all that write to it.
    for (const one of processes.toReversed()) await one.stop()
  }
  try {
    await until('the API server is ready', () => answers('/readyz'), 60_000)
    const config = `--kubeconfig=${at('kubeconfig')}`
    start('kube-controller-manager', [
      config,
      '--leader-elect=false',
      '--secure-port=0',
      `--service-account-private-key-file=${at('accounts.key')}`,
      '--horizontal-pod-autoscaler-sync-period=2s',
      // Simulated nodes die of nothing: a lease that kwok renews late takes no pods away.
      '--node-monitor-grace-period=1h',
      '--use-service-account-credentials=false',
    ])
    start('kube-scheduler', [config, '--leader-elect=false', '--secure-port=0'])
    start('kwok', [
      config,
      '--config',
      join(import.meta.dirname, 'stages.yaml'),
      '--manage-all-nodes',
      '--node-lease-duration-seconds=40',
    ])
  } catch (error) {
    await stop()
    throw error
  }
  return { url, kubeconfig: at('kubeconfig'), api, kubectl: run, stop }
}

/** A program that stands in the cache or on PATH, with its log in a file; killed when it is stopped. */
export function startProgram(name: string, args: string[], logFile: string) {
  const log = createWriteStream(logFile)
  const child = spawn(findProgram(name)!, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout.pipe(log, { end: false })
  child.stderr.pipe(log, { end: false })
  const exited = once(child, 'exit')
  return {
    name,
    async stop() {
      if (child.exitCode === null) child.kill('SIGKILL')
      await exited
      log.end()
    },
  }
}

function makeKeys(folder: string): void {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  openssl('genrsa', '-out', 'accounts.key', '2048')
  for (const name of ['proxy', 'metrics'])
    openssl(
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`],
      ...['-addext', 'subjectAltName=DNS:localhost', '-keyout', `${name}.key`, '-out', `${name}.crt`],
    )
}

function kubeconfig(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    // Its certificate is of its own making, on loopback.
    clusters: [{ name: 'test', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'admin', user: { token: TOKEN } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
  })
}
