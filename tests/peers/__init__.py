"""Real servers and clients for tests: each in its own folder, on its own loopback ports.

    with InfluxDB() as store:
        store.create_database("t")
        ...
        store.stop(); store.start()      # the data is kept

Nothing here uses a server that the machine already runs. A server whose program is missing raises
`Missing` with the line that installs it.
"""
