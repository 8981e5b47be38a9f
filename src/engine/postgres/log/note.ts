// What a reader of the log has to be told about what it does not say.

export const notesOf = ({ vague, timeless }: Record<'vague' | 'timeless', number>): string[] => [
  ...(vague > 0
    ? [
        `${vague} refused connections could not be told apart: the log is not in English and has too little beside its words ` +
          "(lc_messages = 'C', or csvlog or jsonlog with log_error_verbosity = verbose)",
      ]
    : []),
  ...(timeless > 0
    ? [`${timeless} entries have no time, or one of a time zone that is not known (log_timezone = 'UTC')`]
    : []),
]
