"""What the command line prints: takes steps of a job and results, gives a line of progress and a clean stdout.

Public: `progress_line.ProgressLine`, `result_output.result_alone`.
"""
