import type { ScalarType } from '../../template.js'

/** What we read of `google.protobuf.FileDescriptorSet`: the parts that say what messages look like. */
export interface FileDescriptor {
  readonly name: string
  readonly packageName: string
  readonly messages: readonly MessageDescriptor[]
  readonly enums: readonly EnumDescriptor[]
  readonly services: readonly ServiceDescriptor[]
  readonly options: FileOptions
}

/** The options of a file that make it a template's. */
export interface FileOptions {
  /** `template_variety` (72295727); undefined when the option is not there. */
  readonly variety: number | undefined
  /** `template_name` (72295888). */
  readonly templateName: string | undefined
}

export interface MessageDescriptor {
  /** With package and enclosing messages, without leading dot. */
  readonly fullName: string
  readonly fields: readonly FieldDescriptor[]
  /** Made by the compiler for the entries of a map. */
  readonly isMapEntry: boolean
}

export interface FieldDescriptor {
  readonly name: string
  readonly jsonName: string
  readonly number: number
  readonly repeated: boolean
  /** The oneof that it belongs to, counted within its message; undefined: none. */
  readonly oneof: number | undefined
  /** `google.protobuf.FieldDescriptorProto.Type`: 1 to 18. */
  readonly type: number
  /** For messages and enums: the full name, without leading dot. */
  readonly typeName: string
}

export interface EnumDescriptor {
  readonly fullName: string
  readonly values: ReadonlyMap<string, number>
}

export interface ServiceDescriptor {
  readonly name: string
  /** The names of its methods, in order. */
  readonly methods: readonly string[]
}

/** A whole set, its messages and enums by full name. */
export interface DescriptorSet {
  readonly files: readonly FileDescriptor[]
  readonly messages: ReadonlyMap<string, MessageDescriptor>
  readonly enums: ReadonlyMap<string, EnumDescriptor>
}

/** The numbers of `FieldDescriptorProto.Type` that are scalars. */
export const scalarTypes: ReadonlyMap<number, ScalarType> = new Map([
  [1, 'double'],
  [2, 'float'],
  [3, 'int64'],
  [4, 'uint64'],
  [5, 'int32'],
  [6, 'fixed64'],
  [7, 'fixed32'],
  [8, 'bool'],
  [9, 'string'],
  [12, 'bytes'],
  [13, 'uint32'],
  [15, 'sfixed32'],
  [16, 'sfixed64'],
  [17, 'sint32'],
  [18, 'sint64'],
])

/** The other numbers of `FieldDescriptorProto.Type`. */
export const messageType = 11
export const enumType = 14
