import t from 'tap'
import { entitiesText, pluralOf } from '../../../../services/agents/report/synthesis/entity-noun.ts'

t.test('what a panel follows is counted by its own name', async (t) => {
  const told: [column: string, count: number, text: string][] = [
    ['country', 185, '185 countries'],
    ['Country', 185, '185 countries'],
    ['Countries', 185, '185 countries'],
    ['store', 1, '1 store'],
    ['weather_station', 12, '12 weather stations'],
    ['branch', 4, '4 branches'],
    ['Person', 3, '3 people'],
    ['species', 3, '3 species'],
    ['EU member state', 27, '27 EU member states'],
    ['land', 16, '16 values of land'],
    ['Province/State', 300, '300 values of Province/State'],
    ['store · product', 40, '40 values of store · product'],
    ['id', 40, '40 values of id'],
    ['constructor', 4, '4 values of constructor'],
  ]
  for (const [column, count, text] of told) t.equal(entitiesText(count, { column, count }), text)
  t.equal(entitiesText(4, undefined), '4 series')
  t.equal(pluralOf('Gesellschaft'), undefined)
})
