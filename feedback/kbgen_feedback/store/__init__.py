"""Where events live: SQLite by default, PostgreSQL by URL, through SQLAlchemy Core alone."""
