import {
  type AttributeBag,
  type AttributeValue,
  hasForm,
  Instant,
  type Vocabulary,
} from '../../attributes/index.js'

/** The form of the values that a door has for an attribute. */
export type Form = 'string' | 'int64' | 'bool' | 'timestamp' | 'duration' | 'ip' | 'map'

const samples: Readonly<Record<Form, AttributeValue>> = {
  string: '',
  int64: 0,
  bool: false,
  timestamp: new Instant(0, 0),
  duration: 0,
  ip: new Uint8Array(4),
  map: new Map(),
}

/**
 * The slots of the attributes that a door fills, by name; -1 for those that are not declared, or are declared with a
 * type that has another form.
 */
export type Slots<Name extends string> = Readonly<Record<Name, number>>

export function slotsOf<Name extends string>(
  vocabulary: Vocabulary,
  forms: Readonly<Record<Name, Form>>,
): Slots<Name> {
  const slots = {} as Record<Name, number>
  for (const name of Object.keys(forms) as Name[]) {
    const slot = vocabulary.slot(name)
    const fits = slot !== undefined && hasForm(vocabulary.type(slot), samples[forms[name]])
    slots[name] = slot !== undefined && fits ? slot : -1
  }
  return slots
}

/** Puts a value where its attribute is declared. An empty text is no value: absence lets `|` in expressions work. */
export function put(bag: AttributeBag, slot: number, value: AttributeValue | undefined): void {
  if (slot >= 0 && value !== undefined && value !== '') bag.set(slot, value)
}
