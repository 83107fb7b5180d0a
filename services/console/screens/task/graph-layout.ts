import { Graph, layout } from '@dagrejs/dagre'
import type { Plan } from '#schemas/plan.ts'

export interface PlacedNode {
  readonly id: string
  /** Of its left upper corner. Pixels. */
  readonly x: number
  readonly y: number
}

export interface PlacedEdge {
  readonly from: string
  readonly to: string
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

export interface PlacedGraph {
  readonly nodes: readonly PlacedNode[]
  readonly edges: readonly PlacedEdge[]
  readonly width: number
  readonly height: number
}

export const NODE = { width: 168, height: 46 } as const

/** Where the steps of a plan are drawn, from left to right, or from top to bottom where there is little room. Pure. */
export function placeSteps(plan: Plan, direction: 'LR' | 'TB'): PlacedGraph {
  const graph = new Graph({ directed: true })
  graph.setGraph({
    rankdir: direction,
    nodesep: 14,
    ranksep: direction === 'LR' ? 44 : 34,
    marginx: 8,
    marginy: 8,
  })
  graph.setDefaultEdgeLabel(() => ({}))
  const known = new Set(plan.steps.map(({ id }) => id))
  for (const { id } of plan.steps) graph.setNode(id, { width: NODE.width, height: NODE.height })
  for (const { id, needs = [] } of plan.steps)
    for (const need of needs) if (known.has(need)) graph.setEdge(need, id)
  layout(graph)
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number }
  return {
    width,
    height,
    nodes: (graph.nodes() as string[]).map((id) => {
      const { x, y } = graph.node(id) as { x: number; y: number }
      return { id, x: x - NODE.width / 2, y: y - NODE.height / 2 }
    }),
    edges: (graph.edges() as { v: string; w: string }[]).map(({ v, w }) => ({
      from: v,
      to: w,
      points: (graph.edge({ v, w }) as { points: { x: number; y: number }[] }).points,
    })),
  }
}

/** A smooth line through points, as the `d` of a path. Pure. */
export function curve(points: readonly { readonly x: number; readonly y: number }[]): string {
  const [first, ...rest] = points
  if (!first) return ''
  const parts = [`M${first.x} ${first.y}`]
  for (let index = 0; index < rest.length; index++) {
    const point = rest[index]!
    const next = rest[index + 1]
    if (next) parts.push(`Q${point.x} ${point.y} ${(point.x + next.x) / 2} ${(point.y + next.y) / 2}`)
    else parts.push(`L${point.x} ${point.y}`)
  }
  return parts.join(' ')
}
