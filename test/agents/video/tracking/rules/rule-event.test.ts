import t from 'tap'
import {
  crossedMessage,
  crowdMessage,
  enteredMessage,
  eventTime,
  stayedMessage,
} from '../../../../../services/agents/video/tracking/rules/rule-event.ts'

t.test('sentences', async (t) => {
  t.equal(enteredMessage('person', 'gate'), 'Person entered gate')
  t.equal(crowdMessage(4, ['person'], 'plaza', 2000), '4 persons in plaza for 2 s')
  t.equal(crowdMessage(5, ['person', 'vehicle'], undefined, 0), '5 objects in the picture')
  t.equal(crossedMessage('vehicle', 'exit', 'left-to-right'), 'Vehicle crossed exit from left to right')
  t.equal(stayedMessage('person', 'yard', 10_000), 'Person stays in yard for 10 s')
  t.equal(stayedMessage('person', 'yard', 1500), 'Person stays in yard for 1.5 s')
  t.equal(stayedMessage('vehicle', 'yard', 180_000), 'Vehicle stays in yard for 3 min')
})

t.test(
  'an event that is noticed within a second keeps its time; a later one happens when it is noticed',
  async (t) => {
    t.equal(eventTime(5000, 5000), 5000)
    t.equal(eventTime(5000, 6000), 5000)
    t.equal(eventTime(5000, 6001), 6001)
  },
)
