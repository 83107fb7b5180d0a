import t from 'tap'
import { figure, graph, heatmapOf, tableOf } from '../../../../deploy/grafana/generator/panels.ts'

const ABOUT = { title: 'Title', description: 'What it is.', unit: 's', width: 8 }
const steps = (panel: { build(): { fieldConfig?: { defaults: { thresholds?: { steps: unknown } } } } }) =>
  panel.build().fieldConfig?.defaults.thresholds?.steps

t.test('limits: above them it is bad, or below', async (t) => {
  const queries = [{ expr: 'up', legend: 'up' }]
  t.strictSame(steps(figure({ ...ABOUT, queries, limits: { warning: 1, critical: 2 } })), [
    { value: null, color: 'green' },
    { value: 1, color: 'yellow' },
    { value: 2, color: 'red' },
  ])
  t.strictSame(steps(figure({ ...ABOUT, queries, limits: { warning: 2, critical: 1, below: true } })), [
    { value: null, color: 'red' },
    { value: 1, color: 'yellow' },
    { value: 2, color: 'green' },
  ])
  t.strictSame(steps(figure({ ...ABOUT, queries, limits: { critical: 1, below: true } })), [
    { value: null, color: 'red' },
    { value: 1, color: 'green' },
  ])
  t.strictSame(steps(figure({ ...ABOUT, queries, limits: { warning: 1, below: true } })), [
    { value: null, color: 'yellow' },
    { value: 1, color: 'green' },
  ])
  t.strictSame(steps(figure({ ...ABOUT, queries })), [{ value: null, color: 'green' }])
})

t.test('a graph asks over time, a table now, a heatmap with exemplars', async (t) => {
  const queries = [
    { expr: 'a', legend: 'first' },
    { expr: 'b', legend: 'second' },
  ]
  t.match(graph({ ...ABOUT, queries }).build(), {
    type: 'timeseries',
    targets: [
      { refId: 'A', expr: 'a', legendFormat: 'first', range: true, instant: false, exemplar: false },
      { refId: 'B', expr: 'b', legendFormat: 'second' },
    ],
    datasource: { type: 'prometheus', uid: '${datasource}' },
    gridPos: { w: 8 },
  })
  t.match(graph({ ...ABOUT, queries, exemplars: true }).build().targets, [{ exemplar: true }])
  t.match(heatmapOf({ ...ABOUT, queries }).build(), {
    type: 'heatmap',
    targets: [{ format: 'heatmap', exemplar: true }, {}],
  })
})

t.test('the columns of a table are its queries, joined by the labels of a row', async (t) => {
  const panel = tableOf({
    title: 'Agents',
    description: 'All of them.',
    width: 24,
    rows: [{ label: 'agent', title: 'Agent' }],
    columns: [
      { title: 'Slots', unit: 'short', expr: 'a' },
      { title: 'Wait', unit: 's', expr: 'b', limits: { warning: 1 } },
    ],
    sortBy: 'Wait',
    rowLinks: [{ title: 'More', url: '/d/x' }],
  }).build()
  t.match(panel.targets, [{ instant: true, range: false, format: 'table' }, { refId: 'B' }])
  t.match(panel.transformations, [
    { id: 'merge' },
    {
      id: 'organize',
      options: {
        renameByName: { agent: 'Agent', 'Value #A': 'Slots', 'Value #B': 'Wait' },
        indexByName: { agent: 0, 'Value #A': 1, 'Value #B': 2 },
      },
    },
  ])
  const [slots, wait, agent] = panel.fieldConfig!.overrides
  t.match(slots, { matcher: { options: 'Slots' }, properties: [{ id: 'unit', value: 'short' }] })
  t.match(wait?.properties, [{ value: 's' }, { id: 'thresholds' }, { id: 'custom.cellOptions' }])
  t.match(agent, { matcher: { options: 'Agent' }, properties: [{ id: 'links' }] })
})
