import { type BoardSpec, buildBoard } from './board.ts'
import { AGENTS } from './boards/agents.ts'
import { INFRASTRUCTURE } from './boards/infrastructure.ts'
import { OVERVIEW } from './boards/overview.ts'
import { TRACES } from './boards/traces.ts'
import { VIDEO } from './boards/video.ts'

/** All of them, in the order in which they are read. */
export const ALL_BOARDS: readonly BoardSpec[] = [OVERVIEW, INFRASTRUCTURE, AGENTS, VIDEO, TRACES]

/** File names in deploy/grafana/dashboards, with what they hold: classic dashboards as JSON. Pure. */
export function dashboardFiles(): Record<string, string> {
  return Object.fromEntries(
    ALL_BOARDS.map((board) => [`${board.name}.json`, `${JSON.stringify(buildBoard(board), null, 2)}\n`]),
  )
}
