"""The sequential statistics behind the balance rules: thresholds, whitened balances, running tests.

Law: numbers in, numbers out. Nothing here knows a site, a rule or a finding, reads a clock or keeps
anything between calls; what a test must remember is a small frozen value that the caller carries.
"""
