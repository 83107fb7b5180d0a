import type { MonitorRequestInput } from '../../schemas/monitor-request.ts'
import { findScenario } from '../../services/agents/video/scenes/scenarios/catalogue.ts'
import { createScenarioRenderer } from '../../services/agents/video/scenes/scenarios/scenario-renderer.ts'
import { until } from '../support/until.ts'
import type { ConsoleOptions, OpenedConsole } from './console-fixture.ts'

const ENV = { MURMUR_MODEL: 'starter', MURMUR_STORAGE_GIB: '8' }

/** What live video needs beside an orchestrator and an edge. */
export function videoAgents(env: Readonly<Record<string, string>> = {}): ConsoleOptions['agents'] {
  return ['services/agents/video-agents.ts', 'services/agents/video/detection/main.ts'].map((main) => ({
    main,
    env: { ...ENV, ...env },
  }))
}

/** A rendered scene as a camera, round and round, with the zones, lines and rules that belong to it. */
export function sceneMonitor(
  scenario: string,
  fields: Partial<MonitorRequestInput> = {},
): MonitorRequestInput {
  const renderer = createScenarioRenderer(findScenario(scenario)!, {
    width: 960,
    height: 540,
    seed: 1,
    fps: 10,
  })
  const { zones, lines, rules } = renderer.watch
  return {
    source: { kind: 'scene', scenario, seed: 1 },
    camera: scenario,
    fps: 4,
    loop: true,
    ...{ zones: [...zones], lines: [...lines], rules: [...rules] },
    ...fields,
  }
}

/** @returns the id of the monitor */
export async function startMonitor(web: OpenedConsole, request: MonitorRequestInput): Promise<string> {
  const { taskId } = (await post(web, '/v1/monitors', request)) as { taskId: string }
  return taskId
}

export async function post(web: OpenedConsole, path: string, body: object): Promise<object> {
  const response = await fetch(`${web.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const answer = (await response.json()) as object
  if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`)
  return answer
}

export async function get<Answer>(web: OpenedConsole, path: string): Promise<Answer> {
  return (await (await fetch(`${web.url}${path}`)).json()) as Answer
}

/** Resolves when the camera has raised so many alerts. */
export async function untilAlerts(web: OpenedConsole, camera: string, count: number): Promise<void> {
  await until(
    `${count} alerts of ${camera}`,
    async () => {
      const { alerts } = await get<{ alerts: { snapshot?: object }[] }>(web, `/v1/alerts?camera=${camera}`)
      return alerts.filter(({ snapshot }) => snapshot).length >= count
    },
    120_000,
  )
}
