using System;
using System.Collections.Generic;
using System.Threading;

namespace Nijigan
{
    /// <summary>Runs actions on the thread pool, one after the other, in order.</summary>
    internal sealed class SerialQueue
    {
        private readonly Queue<Action> actions = new Queue<Action>();
        private bool running;

        /// <summary>Adds an action; it must not throw.</summary>
        public void Add(Action action)
        {
            lock (actions)
            {
                actions.Enqueue(action);
                if (running) return;
                running = true;
            }
            ThreadPool.QueueUserWorkItem(_ => Run());
        }

        private void Run()
        {
            while (true)
            {
                Action next;
                lock (actions)
                {
                    running = actions.Count > 0;
                    if (!running) return;
                    next = actions.Dequeue();
                }
                next();
            }
        }
    }
}
