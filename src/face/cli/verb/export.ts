// spillway export: a plan as a file of the tool that owns the instance.
import type { ApplyOptions } from '../../../app.ts'
import { AppError, EXIT } from '../../../model/index.ts'
import type { Context } from '../context.ts'

interface Options extends ApplyOptions {
  awsCli?: boolean
  terraform?: boolean
  cloudformation?: boolean
}

export async function exportPlan(context: Context, file: string, options: Options): Promise<number> {
  const { awsCli, terraform, cloudformation } = options
  const chosen = [awsCli && 'aws-cli', terraform && 'terraform', cloudformation && 'cloudformation'] as const
  const [format, ...more] = chosen.filter(one => one !== undefined && one !== false)
  if (format === undefined || more.length > 0)
    throw new AppError(
      'option-invalid',
      'one format is exported',
      'Give --aws-cli, --terraform or --cloudformation.',
    )
  const { applying } = await context.app()
  const text = await applying.export(file, format, options, context.signal)
  context.print(text.trimEnd())
  return EXIT.fine
}
