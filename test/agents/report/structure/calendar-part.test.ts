import t from 'tap'
import {
  monthNumber,
  namedCalendarPart,
  quarterNumber,
  weekdayNumber,
} from '../../../../services/agents/report/structure/calendar-part.ts'

t.test('months, weekdays and quarters in words', async (t) => {
  t.same(['Jan', 'july', 'Sept.', 'März', 'décembre', '07', 12].map(monthNumber), [1, 7, 9, 3, 12, 7, 12])
  t.same(['styczeń', 'Ekim', 'lipca', 'jui'].map(monthNumber), [1, 10, 7, undefined])
  t.same(['13', 'Robert', 0, 1.5, null].map(monthNumber), Array(5).fill(undefined))
  t.same(['Mon', 'Sunday', 'Thur', 'Mittwoch'].map(weekdayNumber), [1, 7, 4, 3])
  t.same(['Q3', 3, 'q 1', 'Q5'].map(quarterNumber), [3, 3, 1, undefined])
})

t.test('names of parts of a date', async (t) => {
  t.same(['month', 'Order Month', 'mnth', 'day_of_week', 'hr', 'Quarter'].map(namedCalendarPart), [
    'month',
    'month',
    'month',
    'weekday',
    'hour',
    'quarter',
  ])
  t.same(['months since start', 'temp_min', 'monthly sales'].map(namedCalendarPart), Array(3).fill(undefined))
})
