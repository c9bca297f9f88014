"""BuiltWith: what a site is built with, by domain (api.builtwith.com)."""
