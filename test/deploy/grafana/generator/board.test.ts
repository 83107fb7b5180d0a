import t from 'tap'
import { BOARDS, buildBoard, linkTo } from '../../../../deploy/grafana/generator/board.ts'
import { figure } from '../../../../deploy/grafana/generator/panels.ts'

const one = (title: string) =>
  figure({
    ...{ title, description: 'One.', unit: 's', width: 12 },
    queries: [{ expr: 'up', legend: 'up' }],
  })

t.test('a dashboard has its rows, and panels with ids that stay', async (t) => {
  const board = buildBoard({
    name: 'agents',
    description: 'What for?',
    variables: [],
    rows: [
      { title: 'First', panels: [one('A'), one('B')] },
      { title: 'Second', panels: [one('C')] },
    ],
  })
  t.match(board, { uid: 'murmuration-agents', title: BOARDS.agents.title, editable: false, refresh: '30s' })
  t.strictSame(
    board.panels?.map(({ id, type, title }) => [id, type, title]),
    [
      [1, 'row', 'First'],
      [2, 'stat', 'A'],
      [3, 'stat', 'B'],
      [4, 'row', 'Second'],
      [5, 'stat', 'C'],
    ],
  )
  t.strictSame(
    board.panels?.map(({ gridPos }) => gridPos?.x ?? 0),
    [0, 0, 12, 0, 0],
    'beside each other as far as they fit',
  )
  t.strictSame(
    board.templating.list?.map(({ name }) => name),
    ['datasource', 'namespace', 'edge'],
    'all have these',
  )
})

t.test('a link keeps the time and the namespace, and sets what it is about', async (t) => {
  t.equal(
    linkTo('agents', { agent: '${__value.raw}' }),
    '/d/murmuration-agents?${namespace:queryparam}&${__url_time_range}&var-agent=${__value.raw}',
  )
})
