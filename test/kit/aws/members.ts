// Whether a request has the members it may have, in the ranges they may have. AWS refuses; its SDK says nothing.
import { Refusal } from './refusal.ts'

export type Input = Record<string, unknown>

export function onlyMembers(input: Input, allowed: readonly string[], code: string): void {
  for (const name of Object.keys(input))
    if (!allowed.includes(name)) throw new Refusal(code, `Unknown parameter in input: ${name}`)
}

export function within(input: Input, name: string, least: number, most: number, code: string): void {
  const value = input[name]
  if (value === undefined) return
  const number = Number(value)
  if (!Number.isInteger(number) || number < least || number > most)
    throw new Refusal(code, `${name} must be between ${least} and ${most}: ${String(value)}`)
}
