import AxeBuilder from '@axe-core/playwright'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import type { Test } from 'tap'
import type { Bus } from '#platform/nats/bus.ts'
import { ensureConsole } from '../../deploy/local/console/ensure-console.ts'
import type { LocalServers } from '../../deploy/local/servers/start-servers.ts'
import { openBus } from '../support/bus.ts'
import { findChromium } from '../support/find-chromium.ts'
import { withServers } from '../support/servers.ts'
import { factsOf, startService } from '../support/services.ts'

export interface OpenedConsole {
  readonly servers: LocalServers
  readonly bus: Bus
  /** Of the edge: `http://127.0.0.1:PORT`. */
  readonly url: string
  readonly browser: Browser
  /** A tab of its own, with what its page complains about and asks for. */
  openTab(options?: TabOptions): Promise<Tab>
  /** Submits over the API. @returns the id of the task */
  submit(submission: object): Promise<string>
}

export interface TabOptions {
  readonly path?: string
  readonly width?: number
  readonly height?: number
  readonly colorScheme?: 'light' | 'dark'
}

export interface Tab {
  readonly page: Page
  readonly context: BrowserContext
  /** Messages of errors and warnings of the page. */
  readonly logged: string[]
  /** Hosts that were asked. */
  readonly hosts: Set<string>
}

/** Why tests of the console can not run here; false: they can. For the option `skip` of a test. */
export async function whyNoConsole(): Promise<string | false> {
  const program = process.env.MURMUR_CHROMIUM ?? (await findChromium())
  return program ? false : 'there is no Chromium'
}

export interface ConsoleOptions {
  /** Mains of agents beside the orchestrator and the edge. */
  readonly agents?: readonly (
    | string
    | { readonly main: string; readonly env: Readonly<Record<string, string>> }
  )[]
  /** Settings of the edge beside where the console is. */
  readonly edge?: Readonly<Record<string, string>>
  readonly orchestrator?: Readonly<Record<string, string>>
}

/** The built console on a live stack of its own, and a browser that has it: all gone when the test ends. */
export async function openConsole(t: Test, options: ConsoleOptions = {}): Promise<OpenedConsole> {
  const program = process.env.MURMUR_CHROMIUM ?? (await findChromium())
  const built = await ensureConsole()
  await built.building?.done
  const servers = await withServers(t)
  await startService(t, servers, 'services/orchestrator/main.ts', options.orchestrator)
  const [edge] = await Promise.all([
    startService(t, servers, 'services/edge/main.ts', {
      MURMUR_EDGE_CONSOLE_DIR: built.folder,
      ...options.edge,
    }),
    ...(options.agents ?? ['loadtest/bench/noop-agents.ts']).map((agent) =>
      typeof agent === 'string'
        ? startService(t, servers, agent)
        : startService(t, servers, agent.main, { ...agent.env }),
    ),
  ])
  const url = `http://127.0.0.1:${factsOf(edge).restPort}`
  const bus = await openBus(t, servers.natsUrl)
  const browser = await chromium.launch({ executablePath: program!, args: ['--no-sandbox'] })
  t.teardown(() => browser.close())
  return {
    servers,
    bus,
    url,
    browser,
    openTab: (tab) => openTab(browser, url, tab),
    async submit(submission) {
      const response = await fetch(`${url}/v1/tasks`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(submission),
      })
      const body = (await response.json()) as { taskId?: string }
      if (body.taskId === undefined) throw new Error(JSON.stringify(body))
      return body.taskId
    },
  }
}

async function openTab(
  browser: Browser,
  url: string,
  { path = '/', width = 1280, height = 800, colorScheme = 'light' }: TabOptions = {},
): Promise<Tab> {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme })
  const page = await context.newPage()
  const logged: string[] = []
  const hosts = new Set<string>()
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') logged.push(message.text())
  })
  page.on('pageerror', (error) => logged.push(error.message))
  page.on('request', (request) => {
    if (/^https?:/.test(request.url())) hosts.add(new URL(request.url()).host)
  })
  await page.goto(`${url}${path}`)
  return { page, context, logged, hosts }
}

/** What axe finds wrong with a page by WCAG 2.2 AA, a line each. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // What is only just fading in has less contrast than it will have; what turns for ever is not waited for.
  await page.evaluate(async () => {
    const ending = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY)
    await Promise.allSettled(ending.map(({ finished }) => finished))
  })
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze()
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 200)} ${failureSummary ?? ''}`),
  )
}
