import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core'
import { ensureConsole } from '../../deploy/local/console/ensure-console.ts'
import { findOnPath } from '../../deploy/local/servers/find-binary.ts'
import type { LocalServers } from '../../deploy/local/servers/start-servers.ts'
import { serviceNodeOptions } from '../../deploy/local/stack/service-spec.ts'
import type { ReadyMessage } from '../../services/platform/lifecycle/run-main.ts'
import { Bus } from '../../services/platform/nats/bus.ts'
import { until } from '../bench/measure.ts'
import { ended, ready } from '../bench/service-process.ts'
import { openServers } from '../bench/with-servers.ts'
import { installProbe } from './page-probe.ts'

const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const WINDOW = { width: 1280, height: 800 }
const PAGE_TIMEOUT_MS = 60_000
const MAINS = {
  orchestrator: '../../services/orchestrator/main.ts',
  agents: '../bench/noop-agents.ts',
  edge: '../../services/edge/main.ts',
} as const

/** A tab that is measured. */
export interface ProbedTab {
  readonly page: Page
  readonly cdp: CDPSession
  close(): Promise<void>
}

/** Resolves when what these selectors find has been drawn. Asks from outside: the page's policy forbids what a page would wait by itself with. */
export function untilDrawn(page: Page, selectors: readonly string[]): Promise<void> {
  return until(
    `${selectors.join(', ')} drawn`,
    () => page.evaluate((wanted) => wanted.every((one) => window.probe.drawn[one]! > 0), selectors),
    PAGE_TIMEOUT_MS,
  )
}

/** The product, each service a process of its own as it is run, and a browser that shows its console. */
export class ConsoleStack {
  readonly servers: LocalServers
  readonly bus: Bus
  /** Where the built console lies. */
  readonly folder: string
  readonly #browser: Browser
  readonly #env: NodeJS.ProcessEnv
  readonly #close: () => Promise<void>
  readonly #children = new Map<keyof typeof MAINS, ChildProcess>()
  #port = 0

  private constructor(
    about: { servers: LocalServers; close: () => Promise<void> },
    bus: Bus,
    browser: Browser,
    folder: string,
  ) {
    this.servers = about.servers
    this.#close = about.close
    this.bus = bus
    this.#browser = browser
    this.folder = folder
    this.#env = {
      ...process.env,
      MURMUR_NATS_URL: this.servers.natsUrl,
      MURMUR_REDIS_URL: this.servers.redisUrl,
      MURMUR_LOG_LEVEL: 'error',
      MURMUR_STORAGE_GIB: '16',
      MURMUR_EDGE_CONSOLE_DIR: folder,
    }
  }

  /** @throws Error without a Chromium, or when the console does not build */
  static async start(say: (line: string) => void): Promise<ConsoleStack> {
    const program = process.env.MURMUR_CHROMIUM ?? findOnPath(CHROMIUM_NAMES)
    if (program === undefined) throw new Error('there is no Chromium: install it, or set MURMUR_CHROMIUM')
    const built = await ensureConsole()
    await built.building?.done
    const opened = await openServers(say)
    const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] })
    const bus = await Bus.connect({ url: opened.servers.natsUrl, name: 'bench-console' })
    const stack = new ConsoleStack(opened, bus, browser, built.folder)
    await Promise.all([stack.begin('orchestrator'), stack.begin('agents'), stack.begin('edge')])
    return stack
  }

  /** Of the edge: `http://127.0.0.1:PORT`. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get port(): number {
    return this.#port
  }

  async begin(name: keyof typeof MAINS): Promise<void> {
    const file = fileURLToPath(new URL(MAINS[name], import.meta.url))
    const child = fork(file, {
      env: this.#env,
      execArgv: serviceNodeOptions(file),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#children.set(name, child)
    const { facts } = await ready<ReadyMessage>(child, name)
    if (name === 'edge') this.#port = Number(facts.restPort)
  }

  async end(name: keyof typeof MAINS): Promise<void> {
    const child = this.#children.get(name)
    this.#children.delete(name)
    if (child) await ended(child)
  }

  /**
   * A tab of its own, with nothing in its cache, that is still empty.
   * @param awaited selectors of what is to be told when it is drawn
   */
  async openTab(awaited: readonly string[] = []): Promise<ProbedTab> {
    const context = await this.#browser.newContext({ viewport: WINDOW })
    await context.addInitScript(installProbe, awaited)
    const page = await context.newPage()
    page.setDefaultTimeout(PAGE_TIMEOUT_MS)
    const cdp = await context.newCDPSession(page)
    return { page, cdp, close: () => context.close() }
  }

  /** Process ids of the pages of the browser. */
  async rendererPids(): Promise<number[]> {
    const cdp = await this.#browser.newBrowserCDPSession()
    const { processInfo } = await cdp.send('SystemInfo.getProcessInfo')
    await cdp.detach()
    return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
  }

  /** Asks the API. @throws Error with what it said when it refused */
  async ask<Answer>(path: string, body?: object): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
      headers: { 'content-type': 'application/json' },
    })
    const answer = (await response.json()) as Answer
    if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`)
    return answer
  }

  async stop(): Promise<void> {
    await this.#browser.close()
    await this.bus.close()
    await Promise.all([...this.#children.keys()].map((name) => this.end(name)))
    await this.#close()
  }
}
