"""Signing in with WeCom (企业微信), as its developer documentation describes it."""
