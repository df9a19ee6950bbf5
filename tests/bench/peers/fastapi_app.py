"""The comparator of `make bench-peers`: FastAPI and asyncpg, a pool of eight, the same statements.

PGHOST, PGDATABASE and PGUSER say where; SEARCH is a file with the statement.
"""
import os

import asyncpg
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
with open(os.environ["SEARCH"]) as f:
    search_text = f.read()


class Search(BaseModel):
    n: int


@app.on_event("startup")
async def connect():
    app.state.pool = await asyncpg.create_pool(min_size=8, max_size=8)


@app.post("/search")
async def search(body: Search):
    async with app.state.pool.acquire() as connection:
        rows = await connection.fetch(search_text, body.n)
    return {"options": [dict(row) for row in rows]}
